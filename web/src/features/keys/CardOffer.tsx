import { Button } from "@mantine/core";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { NoteLine } from "../../design/NoteLine";
import { useValue } from "../../design/useValue";
import type { Keys } from "../../matrix/keys";
import type { Owner } from "./CardView";
import { OfferModel } from "./offerState";

const CardView = lazy(() => import("./CardView"));

/** After the first sign-in: the recovery card may be printed now, or whenever there is time. */
export function CardOffer({ keys, owner }: { keys: Keys; owner: Owner }) {
  const { t } = useTranslation();
  const [model] = useState(() => new OfferModel(keys.freshCard, localStorage, offerPlace(owner.number)));
  useEffect(() => model.follow(), [model]);
  const offer = useValue(model.offer);
  const [isOpen, setIsOpen] = useState(false);
  if (offer === undefined) return null;
  const answered = () => model.answer();
  if (isOpen) {
    return (
      <Suspense>
        <CardView keys={keys} owner={owner} text={offer.text} close={answered} />
      </Suspense>
    );
  }
  return (
    <NoteLine
      actions={
        <>
          <Button variant="subtle" size="sm" onClick={answered}>
            {t("keys.later")}
          </Button>
          <Button variant="subtle" size="sm" onClick={() => setIsOpen(true)}>
            {t("keys.cardOfferOpen")}
          </Button>
        </>
      }
    >
      {t("keys.cardOffer")}
    </NoteLine>
  );
}

function offerPlace(number: string): string {
  return `myelin.cardOffer.${number}`;
}
