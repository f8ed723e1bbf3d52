// ErrorInfo.retryable in mutations: false once the same operation has changed something, or may still do so.

import { expect, it, onTestFinished } from 'vitest'
import { startGateway } from '../../test-gateway.ts'

/** A gateway on which tasks run on machines, which reject every change. */
async function gatewayWithBusy(...names: readonly string[]) {
  const gateway = startGateway({ tasks: { queuedMs: 0, durationMs: 600_000 } })
  onTestFinished(() => gateway.close())
  for (const name of names) await gateway.execute(`mutation { ${snapshotOf(name, 0)} }`)
  gateway.simulator.tasks.durationMs = 5
  return gateway
}

const snapshotOf = (name: string, waitSeconds = 30) =>
  `createSnapshot(input: { virtualMachine: { name: "${name}" }, name: "s", waitSeconds: ${waitSeconds} }) { task { state } }`

const reset = (...names: readonly string[]) =>
  `changePower(input: { virtualMachines: [${names.map((name) => `{ name: "${name}" }`)}], action: RESET }) { results { error { code retryable remedy } task { error { code } } } }`
const snapshot = snapshotOf('db-01')

const alone =
  'Wait until the other task has ended. The operation has made other changes, or may make them: do not send it again. Send only this virtual machine again, in an operation of its own.'

it.each([
  ['another machine of the mutation was reset', `mutation { last: ${reset('web-01', 'web-02')} }`],
  ['an earlier mutation took a snapshot', `mutation { a: ${snapshot} last: ${reset('web-02')} }`],
  ['a later mutation takes a snapshot', `mutation { last: ${reset('web-02')} b: ${snapshot} }`],
  [
    'a later mutation of a fragment takes a snapshot',
    `mutation { last: ${reset('web-02')} ...Later } fragment Later on Mutation { b: ${snapshot} }`,
  ],
])('does not report a busy machine as retryable when %s', async (_when, query) => {
  const gateway = await gatewayWithBusy('web-02')
  const { data, errors } = await gateway.execute(query)
  expect(errors).toBeUndefined()
  expect(data.last.results.at(-1).error).toEqual({
    code: 'CONFLICT',
    retryable: false,
    remedy: alone,
  })
})

it.each([
  ['it is alone', `mutation { __typename last: ${reset('web-02')} }`],
  ['the other machines were rejected too', `mutation { last: ${reset('web-01', 'web-02')} }`],
  [
    'an earlier mutation failed before its first call',
    `mutation { a: ${snapshotOf('none')} last: ${reset('web-02')} }`,
  ],
  [
    'a later mutation is skipped',
    `mutation { last: ${reset('web-02')} b: ${snapshot.replace(') {', ') @skip(if: true) {')} }`,
  ],
])('reports a busy machine as retryable when %s', async (_when, query) => {
  const gateway = await gatewayWithBusy('web-01', 'web-02')
  const { data } = await gateway.execute(query)
  expect(data.last.results.at(-1).error).toEqual({
    code: 'CONFLICT',
    retryable: true,
    remedy: 'Wait until the other task has ended, then retry the request.',
  })
})

it('does not say to send the whole request again for an ambiguous name when another machine was reset', async () => {
  const gateway = await gatewayWithBusy()
  gateway.simulator.inventory.add('twin')
  gateway.simulator.inventory.add('twin')
  const { data } = await gateway.execute(`mutation { ${reset('web-01', 'twin')} }`)
  expect(data.changePower.results[1].error).toMatchObject({
    code: 'AMBIGUOUS',
    remedy: expect.stringMatching(/^Send only this virtual machine again with the id or the path of /),
  })
})

it('does not report an object as retryable when the tags of another mutation were changed', async () => {
  const gateway = await gatewayWithBusy()
  const { data: found } = await gateway.execute(
    '{ tags(first: 1) { nodes { id } } virtualMachine(by: { name: "web-01" }) { id } }',
  )
  const variables = { tag: { id: found.tags.nodes[0].id }, entities: [found.virtualMachine.id] }
  gateway.simulator.rest.inject({ status: 503 }, /detach-tag/)
  const { data } = await gateway.execute(
    `mutation ($tag: TagBy!, $entities: [ID!]!) {
      attachTag(input: { tag: $tag, entities: $entities }) { results { error { code } } }
      changePower(input: { virtualMachines: { name: "web-02" }, action: RESET }) { results { error { code } } }
      detachTag(input: { tag: $tag, entities: $entities }) { results { error { code retryable } } }
    }`,
    variables,
  )
  expect(data.detachTag.results).toMatchObject([{ error: { retryable: false } }])
})
