-- Services are few among many accounts, and everybody's client asks for all of them.

CREATE INDEX accounts_services ON projections.accounts (user_id) WHERE account = 'service';
