// Fails on words that this project does not use, in all text and code that git tracks: each has a plainer term, which is shown.
// Identifiers are checked by their words. Run by `npm run check`.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Regular expressions of the avoided words, without case, and what to write in their place. */
const avoided = [
  ['told|tells?|telling', 'report, return, log, distinguish'],
  ['ask(?:s|ed|ing)?', 'request, query, call, need'],
  ['whoever|whom', 'the operator, the caller, the client that …'],
  ['anew', 'again'],
  ['mend(?:s|ed|ing)?', 'fix, repair'],
  ['figures?', 'number, metric'],
  ['(?:hang|hangs|hanging|hung) up', 'disconnect, abort'],
  ['ways? in', 'authentication mode, access'],
  ['(?:let|lets|letting) in', 'authenticate, admit'],
  ['(?:look|looks|looked|looking) at', 'read, check'],
  ['nobody|everybody', 'no caller, no client, anyone'],
  ['stands', 'is, remains'],
  ['texts', 'strings, messages'],
  ['fits', 'matches; for sizes: is at most, holds'],
  ['gone', 'deleted, not found, removed'],
  ['the rest', 'the other …, the remaining …'],
  ['be it', 'whether'],
]

/** Regular expressions of phrases in which a word is right, with · between the words of an identifier. */
const allowed = ['let in·flight', '</?figure\\b']

const pattern = new RegExp(`\\b(?:${avoided.map(([words]) => `(${words})`).join('|')})\\b`, 'gi')

/** Files without prose of ours. */
const skipped =
  /^(?:(?:test\/interop\/clients\/)?package-lock\.json|LICENSE|scripts\/check-prose\.mjs)$|\.(?:png|xml|gz|bin|pem|jsonl?)$|\/fixtures?\//

/** Separates the words of camelCase, PascalCase and snake_case identifiers. */
const wordsOf = (line) => line.replace(/(?<=[a-z])[A-Z]/g, '·$&').replaceAll('_', '·')

const allowedPattern = new RegExp(allowed.join('|'), 'gi')

/** Returns the avoided words of a file's content, each with its line number and what to write instead. */
function findAvoided(content) {
  return content.split('\n').flatMap((line, index) => {
    const prose = wordsOf(line).replaceAll(allowedPattern, '')
    return [...prose.matchAll(pattern)].map((match) => ({
      line: index + 1,
      word: match[0],
      instead: avoided[match.slice(1).findIndex((group) => group !== undefined)][1],
    }))
  })
}

const tracked = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' }).split('\0')
const found = tracked
  .filter((path) => path !== '' && !skipped.test(path))
  .flatMap((path) =>
    findAvoided(readFileSync(path, 'utf8')).map(
      ({ line, word, instead }) => `${path}:${line}: “${word}”: ${instead}`,
    ),
  )
for (const each of found) console.error(each)
if (found.length > 0) process.exit(1)
