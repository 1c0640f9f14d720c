"""A phone provider on this machine: Twilio's REST API and webhooks as far as we use them, and a page that is the patient's phone."""
