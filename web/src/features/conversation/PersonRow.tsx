import { Avatar, Group, Text } from "@mantine/core";

/** Somebody in a list, and what is to be said of them. */
export function PersonRow({ name, note }: { name: string; note: string }) {
  return (
    <Group wrap="nowrap" gap="sm" mih={44}>
      <Avatar name={name} color="accent" size="sm" aria-hidden />
      <Text className="grow" truncate>
        {name}
      </Text>
      <Text size="sm" c="dimmed" className="figures">
        {note}
      </Text>
    </Group>
  );
}
