/** Calls back again and again until the returned function is called. */
export type Ticker = (everyMs: number, callBack: () => void) => () => void

/** A ticker that never keeps the process alive. */
export const systemTicker: Ticker = (everyMs, callBack) => {
  const timer = setInterval(callBack, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}
