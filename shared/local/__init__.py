"""One machine, nothing installed: embedded servers, local secrets, the supervisor and the webhook catcher."""
