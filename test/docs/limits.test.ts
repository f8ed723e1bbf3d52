// Checks the tables of docs/limits.md against the settings.

import { expect, it } from 'vitest'
import { serveSettings } from '../../src/config/settings.ts'
import { startGateway } from '../test-gateway.ts'
import { blocks, deadLinksOf, likeSample, read } from './markdown.ts'

it('shows the response to its command', async () => {
  const docs = read('docs/limits.md')
  const [command = ''] = blocks(docs, 'sh')
  const [, body = ''] = /-d '(.+)'/.exec(command) ?? []
  const [shown] = blocks(docs, 'json').map((block) => JSON.parse(block))
  const gateway = startGateway()
  const response = await gateway.execute(JSON.parse(body).query)
  await gateway.close()
  expect(likeSample(response, shown.errors[0].extensions.requestId)).toEqual(shown)
})

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
