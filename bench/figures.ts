/** A figure beside what it should be and what an operator would use instead. */
export interface Row {
  readonly name: string
  readonly value: number
  /** Such as `s`, `MB` or `x` for a ratio. */
  readonly unit: string
  /** The most it should be; null: it is only told. */
  readonly goal: number | null
  readonly peer: { readonly name: string; readonly value: number } | null
}

/** A figure that has no peer. */
export function figure(name: string, value: number, unit: string, goal: number | null): Row {
  return { name, value, unit, goal, peer: null }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

export function maximum(values: readonly number[]): number {
  return Math.max(...values)
}

/** Works on so many at a time. */
export async function inGroups<T, R>(size: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let first = 0; first < items.length; first += size) {
    results.push(...(await Promise.all(items.slice(first, first + size).map(work))))
  }
  return results
}

export function meets({ value, goal }: Row): boolean {
  return goal === null || value <= goal
}

/** A figure as it is read: three digits tell enough. */
export function text(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2
  const number = value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return unit === '' ? number : `${number} ${unit}`
}

/** Such as `status: 2.61 x node  (at most 3.00 x node)`. */
export function line(row: Row): string {
  const { name, value, unit, goal, peer } = row
  const beside = [
    ...(goal === null ? [] : [`at most ${text(goal, unit)}${meets(row) ? '' : ', MISSED'}`]),
    ...(peer === null ? [] : [`${peer.name}: ${text(peer.value, unit)}`]),
  ]
  return `${name}: ${text(value, unit)}${beside.length > 0 ? `  (${beside.join('; ')})` : ''}`
}
