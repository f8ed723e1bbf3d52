// Responses over HTTP that are not exactly one result or one fault: a query and a map of areas fail as a whole, and the outcome
// of a mutation is looked up.

import { expect, onTestFinished, test } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import { soapFault, startSoapProxy } from '../soap-proxy.ts'
import { startTestServer } from './running-server.ts'

async function start() {
  const simulator = createSimulator({ tasks: { queuedMs: 0, durationMs: 5 } })
  onTestFinished(() => simulator.close())
  const proxy = await startSoapProxy((await simulator.listen()).origin)
  onTestFinished(() => proxy.close())
  const flags = ['--url', proxy.url, '--username', 'user']
  const server = await startTestServer(flags, { VSPHERE_PASSWORD: 'pass' })
  return { simulator, proxy, server }
}

const fault = /<soapenv:Fault>.*<\/soapenv:Fault>/s.exec(soapFault('SystemError'))?.[0] ?? ''
const beforeEnd = (extra: string) => (text: string) => text.replace('</soapenv:Body>', `${extra}$&`)
const names = '{ virtualMachines { nodes { name } } }'
const map = `{ virtualMachine(by: { name: "web-01" }) { snapshots { disks { allocatedAreas(first: 1000) { totalCount nodes { start } } } } } }`

test.each([
  ['a fault after the result', beforeEnd(fault), undefined, 'VSPHERE_FAULT'],
  ['status 500 with a result', (text: string) => text, 500, 'VCENTER_UNAVAILABLE'],
  [
    'a second response',
    (text: string) => text.replace(/<(\w+Response)\b.*<\/\1>/s, '$&$&'),
    undefined,
    'VSPHERE_FAULT',
  ],
] as const)('fails a query and a map of areas whose response has %s', async (_, change, status, code) => {
  const { proxy, server } = await start()
  for (const [method, query] of [
    ['RetrievePropertiesEx', names],
    ['QueryChangedDiskAreas', map],
  ] as const) {
    proxy.on(method, (call) => call.rewrite(change, status))
    const { data, errors } = await server.execute(query)
    expect(errors?.[0]?.extensions.code).toBe(code)
    expect(JSON.stringify(data ?? null)).not.toMatch(/"(name|start)":/)
    proxy.reset()
    expect((await server.execute(query)).errors).toBeUndefined()
  }
})

test('fails a map of areas when some areas are outside the result', async () => {
  const { proxy, server } = await start()
  proxy.on('QueryChangedDiskAreas', (call) =>
    call.rewrite((text) =>
      text.replace(
        /((?:<changedArea>.*<\/changedArea>)?)<\/returnval>/s,
        '</returnval>$1<changedArea><start>0</start><length>65536</length></changedArea>',
      ),
    ),
  )
  const { errors } = await server.execute(map)
  expect(errors?.[0]?.extensions.code).toBe('VSPHERE_FAULT')
})

test('looks up the outcome of a mutation whose response has a result and a fault', async () => {
  const { simulator, proxy, server } = await start()
  proxy.on('CreateSnapshot_Task', (call) => call.rewrite(beforeEnd(fault)))
  const { data, errors } = await server.execute(
    'mutation { createSnapshot(input: { virtualMachine: { name: "web-01" }, name: "one" }) { snapshot { name } } }',
  )
  expect({ errors, data }).toEqual({
    errors: undefined,
    data: { createSnapshot: { snapshot: { name: 'one' } } },
  })
  expect(simulator.calls.filter(({ method }) => method === 'CreateSnapshot_Task')).toHaveLength(1)
})
