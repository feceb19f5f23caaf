import { Group, Text } from "@mantine/core";
import { Portrait } from "../../design/Portrait";

/** Somebody in a list, and what is to be said of them. */
export function PersonRow({ name, note }: { name: string; note: string }) {
  return (
    <Group wrap="nowrap" gap="sm" mih={44}>
      <Portrait name={name} size="sm" />
      <Text className="grow" truncate>
        {name}
      </Text>
      <Text size="sm" c="dimmed" className="figures">
        {note}
      </Text>
    </Group>
  );
}
