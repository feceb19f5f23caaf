import { Group, Menu, UnstyledButton } from "@mantine/core";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChecklist,
  IconCopy,
  IconEye,
  IconPencil,
  IconRotate2,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import type { Item } from "../../matrix/item";
import type { Conversation } from "../../state/conversation";
import type { Open } from "./Overlays";
import styles from "./Timeline.module.css";

/** The small fixed set: seen, done, thanks, and three that need no words. */
const REACTIONS = ["👍", "✅", "🙏", "❤️", "😄", "👀"];

interface Props {
  opened: Open & { kind: "menu" };
  conversation: Conversation;
  show: (next: Open) => void;
  close: () => void;
}

interface Action {
  name: "reply" | "copy" | "forward" | "edit" | "readers" | "acks" | "recall";
  Icon: ComponentType<{ size: number }>;
  isFor: (item: Item) => boolean;
  /** Whether it changes nothing for anybody else. */
  isLooking?: boolean;
}

const isSent = (item: Item) => item.delivery === "sent";
const isLegible = (item: Item) => isSent(item) && item.kind !== "waiting" && item.kind !== "unreadable";

const ACTIONS: readonly Action[] = [
  { name: "reply", Icon: IconArrowBackUp, isFor: isLegible },
  { name: "copy", Icon: IconCopy, isFor: (item) => item.kind === "text", isLooking: true },
  { name: "forward", Icon: IconArrowForwardUp, isFor: isLegible },
  { name: "edit", Icon: IconPencil, isFor: (item) => isSent(item) && item.isOwn && item.kind === "text" },
  { name: "readers", Icon: IconEye, isFor: (item) => isSent(item) && item.isOwn },
  { name: "acks", Icon: IconChecklist, isFor: (item) => item.acknowledgement !== undefined, isLooking: true },
  { name: "recall", Icon: IconRotate2, isFor: (item) => isSent(item) && item.canRecall },
];

/** What can be done with one message, where the pointer, the finger or the keyboard asked for it. */
export function MessageMenu({ opened, conversation, show, close }: Props) {
  const { t } = useTranslation();
  const { item, x, y, line } = opened;
  const { mayAct } = conversation;
  const act: Record<Action["name"], () => void> = {
    reply: () => conversation.draft.reply(item),
    copy: () => navigator.clipboard.writeText(item.text),
    forward: () => show({ kind: "forward", item }),
    edit: () => conversation.draft.edit(item),
    readers: () => show({ kind: "readers", item }),
    acks: () => show({ kind: "acks", item }),
    recall: () => conversation.recall(item),
  };
  const leave = () => {
    close();
    line.focus({ preventScroll: true });
  };
  const choose = (name: Action["name"]) => {
    close();
    act[name]();
  };
  return (
    <Menu
      opened
      onClose={leave}
      position="bottom-start"
      shadow="md"
      width={280}
      closeOnItemClick={false}
      returnFocus={false}
      trapFocus
      hideDetached={false}
      // Chromium follows Shift+F10 with a mousedown, which is nobody's click outside.
      clickOutsideEvents={["pointerdown"]}
    >
      <Menu.Target>
        {/* Where the menu hangs: a place, and nothing that could be opened. */}
        <span aria-hidden style={{ position: "fixed", left: x, top: y }} />
      </Menu.Target>
      <Menu.Dropdown aria-label={t("timeline.actions")}>
        {mayAct && isLegible(item) && <ReactionRow react={(key) => conversation.react(item, key)} leave={leave} />}
        {ACTIONS.filter(({ isFor, isLooking }) => isFor(item) && (mayAct || isLooking)).map(({ name, Icon }) => (
          <Menu.Item
            key={name}
            className={styles.action ?? ""}
            leftSection={<Icon size={18} />}
            onClick={() => choose(name)}
          >
            {t(`timeline.${name}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ReactionRow({ react, leave }: { react: (key: string) => void; leave: () => void }) {
  const { t } = useTranslation();
  return (
    <Group gap={0} wrap="nowrap" justify="space-between">
      {REACTIONS.map((key) => (
        <UnstyledButton
          key={key}
          role="menuitem"
          className={styles.reactionChoice ?? ""}
          aria-label={t("timeline.react", { key })}
          onClick={() => {
            react(key);
            leave();
          }}
        >
          {key}
        </UnstyledButton>
      ))}
    </Group>
  );
}
