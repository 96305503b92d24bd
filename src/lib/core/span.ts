const UNITS = [
  { unit: 'h', ms: 3_600_000, from: 7_200_000 },
  { unit: 'm', ms: 60_000, from: 120_000 },
  { unit: 's', ms: 1000, from: 1000 },
  { unit: 'ms', ms: 1, from: 0 },
] as const

/**
 * A duration in one unit, as flags take it: `250ms`, `1.6s`, `90s`, `46m`, `10h`.
 *
 * @param round of the number before the unit; by default to one decimal, and milliseconds to none
 */
export function span(ms: number, round?: (value: number) => number): string {
  const { unit, ms: length } = UNITS.find(({ from }) => ms >= from) ?? UNITS[3]
  const rounded = (round ?? ((value) => Number(value.toFixed(unit === 'ms' ? 0 : 1))))(ms / length)
  return `${rounded}${unit}`
}
