/** The interface's words by feature; Chinese is the model that the other language is checked against. */
import appEn from "../../locales/en/app.json";
import composerEn from "../../locales/en/composer.json";
import conversationsEn from "../../locales/en/conversations.json";
import navigationEn from "../../locales/en/navigation.json";
import roomEn from "../../locales/en/room.json";
import signInEn from "../../locales/en/signIn.json";
import timelineEn from "../../locales/en/timeline.json";
import app from "../../locales/zh-CN/app.json";
import composer from "../../locales/zh-CN/composer.json";
import conversations from "../../locales/zh-CN/conversations.json";
import navigation from "../../locales/zh-CN/navigation.json";
import room from "../../locales/zh-CN/room.json";
import signIn from "../../locales/zh-CN/signIn.json";
import timeline from "../../locales/zh-CN/timeline.json";

export const chinese = { app, composer, conversations, navigation, room, signIn, timeline };

export type Words = typeof chinese;

export const english: Words = {
  app: appEn,
  composer: composerEn,
  conversations: conversationsEn,
  navigation: navigationEn,
  room: roomEn,
  signIn: signInEn,
  timeline: timelineEn,
};
