from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given by an administrator: nobody makes their own."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not right",
        "too_many_login_attempts": "Too many tries: wait five minutes, then try again",
        "enter_current_password": "This is not your password now",
        "incorrect_password": "This is not your password",
        "rate_limited": "Too many tries: wait five minutes, then try again",
    }

    def is_open_for_signup(self, request):
        return False
