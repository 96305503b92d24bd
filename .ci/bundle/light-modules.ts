const SEEN =
  '(mod, isNodeMode) => !isNodeMode && mod && mod.__esModule ? mod : ' +
  'Object.create(mod ?? null, { default: { value: mod, enumerable: true } })'

/**
 * How esbuild has one module see another: each name is copied, as a property with a getter. That is thousands of them at
 * each start, a hundred alone for `node:fs`. What is seen is the module itself instead, or an object that inherits from it.
 *
 * @param piece as esbuild makes it of a module of ECMAScript
 * @throws Error when esbuild writes it in another way than was expected
 */
export function lightModule(piece: string): string {
  const light = piece
    .replace(
      /\b(__toESM) = \(mod, isNodeMode, target\) => \([^]*?\n\)\)/,
      // As many lines as before, for the source map.
      (helper, name: string) => `${name} = ${SEEN}${'\n'.repeat(helper.split('\n').length - 1)}`,
    )
    .replace(
      /^module\.exports = __toCommonJS\((\w+)\);$/m,
      `module.exports = Object.defineProperty($1, '__esModule', { value: true });`,
    )
  if (/isNodeMode, target|^module\.exports = __toCommonJS/m.test(light))
    throw new Error('esbuild has other helpers now')
  return light
}
