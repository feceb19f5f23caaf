-- read_event --
-- The event that a receipt names, as far as it is in the room.
SELECT position, thread FROM events WHERE event_id = $1 AND room_id = $2;

-- read_up_to --
-- How far the latest receipt of a person, room, thread and kind goes.
SELECT read_position FROM receipts WHERE room_id = $1 AND user_id = $2 AND thread = $3 AND private = $4;
