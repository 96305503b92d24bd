// Loaded before wsctl by `node --require`: writes at its end what was loaded for it, to the file that LOADED names.
const { writeFileSync } = require('node:fs')
const { basename, dirname } = require('node:path')

process.on('exit', () => {
  const builtins = process.moduleLoadList.map((name) => name.replace('NativeModule ', ''))
  const files = Object.keys(require.cache).filter((file) => basename(dirname(file)) === 'dist')
  writeFileSync(process.env.LOADED, JSON.stringify({ builtins, files: files.map((file) => basename(file)) }))
})
