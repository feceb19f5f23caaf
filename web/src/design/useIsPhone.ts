import { useMediaQuery } from "@mantine/hooks";

/** Whether the screen is a telephone's, from the first drawing on. */
export function useIsPhone(): boolean {
  return useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false }) ?? false;
}
