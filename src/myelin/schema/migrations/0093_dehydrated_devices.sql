-- Dehydrated devices (MSC3814): devices without a session, whose private keys wait here, encrypted by their owner.

CREATE TABLE stores.dehydrated_devices (
    device_number bigint PRIMARY KEY,
    device_data   text NOT NULL
);

CREATE FUNCTION log.write_dehydrated_devices(rows jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO stores.dehydrated_devices SELECT * FROM jsonb_to_recordset(rows)
        AS row(device_number bigint, device_data text);
END $$;
