-- device_data --
-- What a dehydrated device needs to be rehydrated.
SELECT device_data FROM dehydrated_devices WHERE device_number = $1;
