"""Coming in, being sure that it is you, and your own account: the same on the console and on the signing origin."""

from django.urls import path

from console.pages import account, company, me, passkeys

urlpatterns = [
    path("sign-in/", account.sign_in, name="sign-in"),
    path("sign-in/company/", company.start, name="company-sign-in"),
    path("sign-in/company/done/", company.done, name="company-done"),
    path("sign-in/passkey/", passkeys.sign_in, name="passkey-sign-in"),
    path("sign-in/passkey/options/", passkeys.sign_in_options),
    path("sign-in/<str:token>/", account.sign_in_link, name="sign-in-link"),
    path("step-up/", me.step_up, name="step-up"),
    path("step-up/company/", company.confirm, name="company-step-up"),
    path("step-up/passkey/", passkeys.step_up),
    path("step-up/passkey/options/", passkeys.step_up_options),
    path("account/", me.show, name="account"),
    path("account/link/", company.link, name="account-link"),
    path("account/passkeys/", passkeys.enrol),
    path("account/passkeys/options/", passkeys.enrol_options),
    path("account/passkeys/removal/", passkeys.remove, name="passkey-removal"),
    path("account/sessions/ending/", me.end, name="session-ending"),
    path("account/tokens/", me.make_token, name="tokens"),
    path("account/tokens/<str:public_id>/revocation/", me.take_token_back, name="token-revocation"),
    path("sign-out/", account.sign_out, name="sign-out"),
    path("theme/", account.theme, name="theme"),
]
