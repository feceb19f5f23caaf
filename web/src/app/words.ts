/** The interface's words by feature; Chinese is the model that the other language is checked against. */
import appEn from "../../locales/en/app.json";
import cameraEn from "../../locales/en/camera.json";
import cardsEn from "../../locales/en/cards.json";
import composerEn from "../../locales/en/composer.json";
import conversationEn from "../../locales/en/conversation.json";
import conversationsEn from "../../locales/en/conversations.json";
import devicesEn from "../../locales/en/devices.json";
import dutyEn from "../../locales/en/duty.json";
import keysEn from "../../locales/en/keys.json";
import navigationEn from "../../locales/en/navigation.json";
import notificationsEn from "../../locales/en/notifications.json";
import peopleEn from "../../locales/en/people.json";
import roomEn from "../../locales/en/room.json";
import searchEn from "../../locales/en/search.json";
import settingsEn from "../../locales/en/settings.json";
import shortcutsEn from "../../locales/en/shortcuts.json";
import signInEn from "../../locales/en/signIn.json";
import tabEn from "../../locales/en/tab.json";
import timelineEn from "../../locales/en/timeline.json";
import updateEn from "../../locales/en/update.json";
import wardEn from "../../locales/en/ward.json";
import app from "../../locales/zh-CN/app.json";
import camera from "../../locales/zh-CN/camera.json";
import cards from "../../locales/zh-CN/cards.json";
import composer from "../../locales/zh-CN/composer.json";
import conversation from "../../locales/zh-CN/conversation.json";
import conversations from "../../locales/zh-CN/conversations.json";
import devices from "../../locales/zh-CN/devices.json";
import duty from "../../locales/zh-CN/duty.json";
import keys from "../../locales/zh-CN/keys.json";
import navigation from "../../locales/zh-CN/navigation.json";
import notifications from "../../locales/zh-CN/notifications.json";
import people from "../../locales/zh-CN/people.json";
import room from "../../locales/zh-CN/room.json";
import search from "../../locales/zh-CN/search.json";
import settings from "../../locales/zh-CN/settings.json";
import shortcuts from "../../locales/zh-CN/shortcuts.json";
import signIn from "../../locales/zh-CN/signIn.json";
import tab from "../../locales/zh-CN/tab.json";
import timeline from "../../locales/zh-CN/timeline.json";
import update from "../../locales/zh-CN/update.json";
import ward from "../../locales/zh-CN/ward.json";

export const chinese = {
  devices,
  duty,
  people,
  search,
  settings,
  app,
  camera,
  cards,
  composer,
  conversation,
  conversations,
  keys,
  navigation,
  notifications,
  room,
  shortcuts,
  signIn,
  tab,
  update,
  timeline,
  ward,
};

export type Words = typeof chinese;

export const english: Words = {
  devices: devicesEn,
  duty: dutyEn,
  people: peopleEn,
  search: searchEn,
  settings: settingsEn,
  app: appEn,
  camera: cameraEn,
  cards: cardsEn,
  composer: composerEn,
  conversation: conversationEn,
  conversations: conversationsEn,
  keys: keysEn,
  navigation: navigationEn,
  notifications: notificationsEn,
  room: roomEn,
  shortcuts: shortcutsEn,
  signIn: signInEn,
  tab: tabEn,
  update: updateEn,
  timeline: timelineEn,
  ward: wardEn,
};
