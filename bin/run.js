#!/bin/sh
':' //; exec node -- "$0" "$@"
// Two programs in one: the shell runs the line above, Node skips it. Without the `--`, Node takes an
// --env-file that is meant for wsctl for its own, and ends before wsctl begins when the file is missing.
import { main } from '../dist/lib/cli/main.js'

await main(import.meta.url)
