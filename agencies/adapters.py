from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given by an administrator: nobody makes their own."""

    def is_open_for_signup(self, request):
        return False
