// Checks the tables of docs/limits.md against the settings.

import { expect, it } from 'vitest'
import { serveSettings } from '../../src/config/settings.ts'
import { deadLinksOf, read } from './markdown.ts'

it('documents the default of each limit', () => {
  const docs = read('docs/limits.md')
  for (const { flag, value } of [
    serveSettings.maxRequestBytes,
    serveSettings.maxTokens,
    serveSettings.maxDepth,
    serveSettings.maxAliases,
    serveSettings.maxDirectives,
    serveSettings.maxVariableValues,
    serveSettings.maxObjects,
    serveSettings.maxResponseValues,
    serveSettings.maxErrors,
    serveSettings.maxVCenterResponseMB,
    serveSettings.maxResponseMB,
    serveSettings.maxConcurrentOperations,
    serveSettings.maxConcurrentSubscriptions,
    serveSettings.operationTimeout,
    serveSettings.callTimeout,
  ])
    expect(docs).toContain(`| \`--${flag}\` | ${value.parse(undefined).toLocaleString('en-US')}`)
})

it('has no broken links', () => {
  expect(deadLinksOf('limits.md')).toEqual([])
})
