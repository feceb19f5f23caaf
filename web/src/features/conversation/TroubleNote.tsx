import { Alert } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useValue } from "../../design/useValue";
import type { Conversation, Trouble } from "../../state/conversation";

/** One sentence about what was refused, until it is closed or something else is done. */
export function TroubleNote({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const trouble = useValue(conversation.trouble);
  if (trouble === undefined) return null;
  return (
    <Alert
      color="orange"
      radius={0}
      role="alert"
      withCloseButton
      closeButtonLabel={t("conversation.trouble.close")}
      onClose={() => conversation.trouble.set(undefined)}
    >
      {t(`conversation.trouble.${sentenceOf(trouble)}`)}
    </Alert>
  );
}

/** Where an act has a sentence of its own for what mostly stands against it, that one. */
function sentenceOf({ act, refusal }: Trouble) {
  if ((act === "recall" || act === "acknowledge") && refusal === "forbidden") return act;
  if ((act === "attach" || act === "record") && refusal === "failed") return act;
  return act === "ask" ? act : refusal;
}
