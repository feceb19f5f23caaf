-- What one person has sent that relates to an event in one way, the newest edits first: among 100,000 reactions to one
-- message the few of one person are found without looking at the others.
CREATE INDEX events_kin ON projections.events (relates_to, rel_type, sender, position) WHERE relates_to IS NOT NULL;
