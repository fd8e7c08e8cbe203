"""The library's sign-in forms in our words: messages that say what to do."""

from allauth.account import forms as account

FORGOTTEN = "If you cannot remember it, sign out and choose “I have forgotten my password”."


class InOurWords:
    """Labels and messages by field; nothing else of the library's form is changed."""

    words = {}  # field: (label, message where it is empty, help)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.use_required_attribute = False
        for name, (label, missing, help_text) in self.words.items():
            field = self.fields[name]
            field.label, field.help_text = label, help_text
            field.widget.attrs["class"] = "govuk-input--width-30"
            field.error_messages["required"] = missing
            if "invalid" in field.error_messages:
                field.error_messages["invalid"] = "Enter an email address like name@example.org"
            for validator in field.validators:
                if getattr(validator, "code", "") == "invalid":
                    validator.message = "Enter an email address like name@example.org"


class SignIn(InOurWords, account.LoginForm):
    words = {
        "login": ("Email address", "Enter your email address", ""),
        "password": ("Password", "Enter your password", ""),
    }


class ForgottenPassword(InOurWords, account.ResetPasswordForm):
    words = {"email": ("Email address", "Enter your email address", "")}


class NewPassword(InOurWords, account.ResetPasswordKeyForm):
    words = {
        "password1": (
            "New password",
            "Enter a new password",
            "At least 12 characters. Three words that have nothing to do with each other are good and easy to keep.",
        ),
        "password2": ("The new password again", "Enter the new password again", ""),
    }


class ChangedPassword(InOurWords, account.ChangePasswordForm):
    words = {"oldpassword": ("Your password now", "Enter your password", FORGOTTEN), **NewPassword.words}


class ConfirmIdentity(InOurWords, account.ReauthenticateForm):
    words = {"password": ("Password", "Enter your password", "")}
