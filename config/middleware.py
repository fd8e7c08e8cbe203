class NoStoreMiddleware:
    """Keeps the pages of a signed-in person out of every cache, the browser's included."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store"
        return response
