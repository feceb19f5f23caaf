-- Acknowledgements are found at once, however many reactions a message has.
CREATE INDEX events_acknowledgements ON projections.events (relates_to, position)
 WHERE type IN ('org.myelin.ack.ack', 'org.myelin.ack.reminder', 'org.myelin.ack.request');
