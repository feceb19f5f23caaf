import { Button, createTheme, Input, type MantineColorsTuple } from "@mantine/core";

/** The one accent colour: a calm teal that no clinical state uses. */
const accent: MantineColorsTuple = [
  "#e6f6f5",
  "#cfeae8",
  "#a3d5d2",
  "#73bfbb",
  "#4cada8",
  "#2f9c97",
  "#0f7f7a",
  "#0b6b67",
  "#075855",
  "#034542",
];

const fonts =
  '"PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", system-ui, sans-serif';

// What a thumb in a glove hits.
const INPUT_FOR_A_THUMB = { "--input-height": "44px" };
const BUTTON_FOR_A_THUMB = { "--button-height": "44px" };

/** One type scale, one spacing scale; red is kept for what is critical for a patient and for what cannot be undone. */
export const theme = createTheme({
  fontFamily: fonts,
  headings: { fontFamily: fonts, fontWeight: "600" },
  primaryColor: "accent",
  primaryShade: { light: 7, dark: 6 },
  colors: { accent },
  defaultRadius: "md",
  lineHeights: { md: "1.6" },
  // On orange, words are dark.
  autoContrast: true,
  respectReducedMotion: true,
  components: {
    Input: Input.extend({ vars: (_theme, { size }) => ({ wrapper: size === "md" ? INPUT_FOR_A_THUMB : {} }) }),
    // By name: the sign-in page has none, and need not load it.
    // A menu holds its items and nothing else (WAI-ARIA); the first of them has the focus.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    SegmentedControl: { styles: { label: { paddingBlock: "10px" } } },
    Button: Button.extend({ vars: (_theme, { size }) => ({ root: size === "md" ? BUTTON_FOR_A_THUMB : {} }) }),
  },
});
