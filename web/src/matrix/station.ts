/** Stations: computers of wards, which ring for everybody there and act for nobody. */

export function isStation(userId: string): boolean {
  return userId.startsWith("@_station.");
}
