import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { FAILURE_KINDS } from '../../../src/lib/core/error.js'
import { OUTCOMES } from '../../../src/lib/core/outcome.js'
import { ROLLBACK_CAUSES } from '../../../src/lib/core/rollout.js'
import { explanationText, topicListText, topicsPage } from '../../../src/lib/render/explain.js'
import { createPalette } from '../../../src/lib/render/palette.js'
import { widthOf } from '../../../src/lib/render/text.js'
import { findTopics, topicNames, TOPICS } from '../../../src/lib/render/topics/all-topics.js'
import { loadCommands, parseLine } from '../../support/commands.js'

const SOURCE = fileURLToPath(new URL('../../../src', import.meta.url))

/** What stands for a code where it is not written out, and the codes that it can be. */
const FORWARDED: Readonly<Record<string, readonly string[]>> = {
  cause: ROLLBACK_CAUSES,
  'failure.kind': FAILURE_KINDS,
  // Handed on from where it was written out.
  code: [],
  'phase.code': [],
  // Of a function of the same name that has nothing to do with codes.
  call: [],
}

/** Every source file, parsed. */
async function readSources(): Promise<readonly ts.SourceFile[]> {
  const names = (await readdir(SOURCE, { recursive: true })).filter((name) => name.endsWith('.ts'))
  return Promise.all(
    names.map(async (name) =>
      ts.createSourceFile(name, await readFile(join(SOURCE, name), 'utf8'), ts.ScriptTarget.Latest, true),
    ),
  )
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

/** Functions that take a code, and as which of their arguments. */
function takers(sources: readonly ts.SourceFile[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>([['WsctlError', 0]])
  for (const source of sources) {
    walk(source, (node) => {
      if (!ts.isFunctionDeclaration(node) && !ts.isMethodDeclaration(node)) return
      const index = node.parameters.findIndex(
        ({ name, type }) => name.getText() === 'code' && type?.kind === ts.SyntaxKind.StringKeyword,
      )
      // A code of ours goes with an outcome; other things have codes too.
      if (index !== -1 && node.name && /\boutcome\b/.test(node.body?.getText() ?? ''))
        found.set(node.name.getText(), index)
    })
  }
  return found
}

/** The codes in an expression, with what else it may be. */
function codesIn(expression: ts.Expression): readonly string[] {
  if (ts.isStringLiteralLike(expression)) return [expression.text]
  if (ts.isConditionalExpression(expression)) return [...codesIn(expression.whenTrue), ...codesIn(expression.whenFalse)]
  const text = expression.getText()
  assert.ok(Object.hasOwn(FORWARDED, text), `${expression.getSourceFile().fileName}: what code can ${text} be?`)
  return FORWARDED[text] ?? []
}

/** Every code that an error or the end of a run can carry, with where it stands. */
function codesOf(sources: readonly ts.SourceFile[]): ReadonlyMap<string, string> {
  const named = takers(sources)
  const codes = new Map<string, string>()
  for (const source of sources) {
    walk(source, (node) => {
      if (ts.isPropertyAssignment(node) && node.name.getText() === 'code' && source.fileName.endsWith('result.ts')) {
        for (const code of codesIn(node.initializer)) codes.set(code, source.fileName)
      }
      if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return
      const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression
      const index = named.get(name.getText())
      const argument = index === undefined ? undefined : node.arguments?.[index]
      if (argument) for (const code of codesIn(argument)) codes.set(code, source.fileName)
    })
  }
  for (const kind of FAILURE_KINDS) codes.set(kind, 'core/error.ts')
  return codes
}

describe('what can be explained', () => {
  it('is every code that an error or the end of a run can carry, and no other', async () => {
    const codes = codesOf(await readSources())
    assert.ok(codes.size > 45, `only ${codes.size} codes were found`)
    const explained = new Set(TOPICS.filter(({ kind }) => kind === 'code').map(({ name }) => name))
    const missing = [...codes].filter(([code]) => !explained.has(code)).map(([code, file]) => `${code} (${file})`)
    assert.deepEqual(missing, [], 'codes without an explanation: see src/lib/render/topics')
    assert.deepEqual(
      [...explained].filter((name) => !codes.has(name)),
      [],
      'explanations of codes that there are not',
    )
  })

  it('is every exit code, by its number and by its name', () => {
    for (const { exitCode, outcome } of OUTCOMES) {
      const [topic] = findTopics(String(exitCode))
      assert.equal(topic?.name, outcome)
      assert.ok(findTopics(outcome).includes(topic))
    }
  })

  it('is found as a flag, in capitals, and with spaces', () => {
    const [adoption] = findTopics('min-adoption')
    assert.ok(adoption)
    for (const typed of ['--min-adoption', 'MIN_ADOPTION', ' min adoption ', 'adoption'])
      assert.deepEqual(findTopics(typed), [adoption], typed)
    assert.deepEqual(findTopics(''), [])
    assert.deepEqual(findTopics('constructor'), [])
  })

  it('is told in each of its meanings when a word has several', () => {
    assert.deepEqual(
      findTopics('inconclusive').map(({ kind }) => kind),
      ['verdict', 'code'],
    )
    assert.deepEqual(
      findTopics('unreachable').map(({ kind }) => kind),
      ['exit code', 'code'],
    )
  })

  it('names one thing of a kind once', () => {
    const keys = TOPICS.map(({ kind, name }) => `${kind} ${name}`)
    assert.equal(new Set(keys).size, keys.length)
    assert.ok(topicNames().length > 80)
  })

  it('says what to do next, with commands that wsctl takes', async () => {
    const commands = await loadCommands()
    for (const { name, next } of TOPICS) {
      assert.ok(next.length > 0, `${name} says nothing to do`)
      for (const line of next) {
        const [, command] = /: (wsctl .*)$/.exec(line) ?? []
        // These two are oclif's own.
        if (command === undefined || /^wsctl (--version|help )/.test(command)) continue
        await assert.doesNotReject(parseLine(command, commands), `${name}: ${line}`)
      }
    }
  })

  it('fits on a terminal, but for commands, which are never broken', () => {
    const layout = { palette: createPalette(false), width: 80 }
    const text = `${explanationText(TOPICS, layout)}\n${topicListText(TOPICS, layout)}`
    const long = text.split('\n').filter((line) => widthOf(line) > 80 && !/^ *wsctl /.test(line))
    assert.deepEqual(long, [])
  })

  it('is written as a page with a heading for each', () => {
    const page = topicsPage(TOPICS)
    assert.equal(page.match(/^### /gm)?.length, TOPICS.length)
    assert.match(page, /\n### 11 rollback-unverified\n\nUsers may still be on the unified system/)
  })
})
