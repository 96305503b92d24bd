#!/bin/sh
':' //; exec node -- "$0" "$@"
// A script to sh as well as to Node: without the `--` before the script, Node takes an --env-file of ours for
// its own, ends with exit code 9 when there is no such file, and obeys the NODE_OPTIONS in it when there is.
const { pathToFileURL } = require('node:url')
const { launch } = require('../dist/launch.js')

launch(require.resolve('../dist/wsctl.js')).start(pathToFileURL(__filename).href)
