import pytest
from allauth.account.models import EmailAddress

from agencies.models import Agency, Membership, Role, User
from tests.journeys.conftest import browser_type_launch_args as browser_type_launch_args

PASSWORD = "resolve-together"


@pytest.fixture
def sample_pages(settings):
    """The addresses of the sample form, beside those of the application."""
    settings.ROOT_URLCONF = "tests.look.sample"


@pytest.fixture
def manager(db):
    """A manager of one of four agencies, who can sign in."""
    agencies = [Agency.objects.create(name=name) for name in ("Adult Social Care", "Hospital", "Housing", "Police")]
    user = User.objects.create_user(
        "denise@council.example", PASSWORD, full_name="Denise Hartley", job_title="team manager"
    )
    Membership.objects.create(user=user, agency=agencies[0], role=Role.MANAGER)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user
