import { Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

const LOOK_MS = 1_000;

/** The time and the day, large enough for the other side of the room. */
export function Clock() {
  const { i18n } = useTranslation();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  const time = now.toLocaleTimeString(i18n.language, { hour: "2-digit", minute: "2-digit", hour12: false });
  const day = now.toLocaleDateString(i18n.language, { month: "long", day: "numeric", weekday: "long" });
  return (
    <div>
      <Text fz={72} fw={600} lh={1.1} className="figures">
        {time}
      </Text>
      <Text size="lg">{day}</Text>
    </div>
  );
}
