import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { isolated } from "../platform/direction";
import { chinese, english, type Words } from "./words";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: Words };
  }
}

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const PLACE = "myelin.language";

/** Chinese unless the person chose otherwise. */
export function startLanguage(storage: Storage): void {
  const chosen = storage.getItem(PLACE) ?? "zh-CN";
  i18next.use(initReactI18next).init({
    lng: chosen,
    fallbackLng: "zh-CN",
    resources: { "zh-CN": { translation: chinese }, en: { translation: english } },
    // React escapes markup; what is escaped here is the direction of names and texts.
    interpolation: { escapeValue: true, escape: isolated },
  });
  document.documentElement.lang = chosen;
}

export function chooseLanguage(storage: Storage, language: Language): void {
  storage.setItem(PLACE, language);
  document.documentElement.lang = language;
  i18next.changeLanguage(language);
}
