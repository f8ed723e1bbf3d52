// Small responses that would exhaust a gateway's memory or CPU: each fails quickly, and the gateway continues.

import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createSimulator } from '../../src/simulator/index.ts'
import { cpuMsSince } from '../cpu-time.ts'
import { startSoapProxy } from '../soap-proxy.ts'
import { startLoopbackServer } from '../transport/loopback-server.ts'
import { startTestServer } from './running-server.ts'

const bomb = gzipSync(`<namespaces>${'<a/>'.repeat(15_000_000)}</namespaces>`)
const names = '{ virtualMachines { nodes { name } } }'

/** Returns the CPU time of the longest block of the event loop. */
async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let longest = 0
  let last = process.cpuUsage()
  const note = () => {
    longest = Math.max(longest, cpuMsSince(last))
    last = process.cpuUsage()
  }
  const timer = setInterval(note, 5)
  await work()
  clearInterval(timer)
  note()
  return longest
}

test('does not block on a versions file of 60 MB in 60 KB of gzip, also when /ready reads it', async () => {
  let isBomb = true
  const vcenter = await startLoopbackServer((_request, response) => {
    if (isBomb) response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    else response.writeHead(503).end()
  })
  const server = await startTestServer(['--url', vcenter.url, '--username', 'user'], {
    VSPHERE_PASSWORD: 'pass',
  })
  const blockedMs = await longestBlock(async () => {
    expect((await server.get('/ready')).status).toBe(503)
    expect((await server.execute(names)).errors?.[0]?.extensions.code).toMatch(
      /VSPHERE_FAULT|VCENTER_UNAVAILABLE/,
    )
  })
  expect(blockedMs).toBeLessThan(1_500)
  isBomb = false
})

test('skips an array of millions of empty elements that was not requested, or rejects the response as too large', async () => {
  const simulator = createSimulator()
  onTestFinished(() => simulator.close())
  const proxy = await startSoapProxy((await simulator.listen()).origin)
  onTestFinished(() => proxy.close())
  const server = await startTestServer(['--url', proxy.url, '--username', 'user'], {
    VSPHERE_PASSWORD: 'pass',
  })
  const array = (name: string) =>
    `<propSet><name>${name}</name><val xsi:type="ArrayOfFoo">${'<a/>'.repeat(2_100_000)}</val></propSet>`

  proxy.on('RetrievePropertiesEx', (call) =>
    call.rewrite((text) => text.replace('<propSet>', () => `${array('config')}<propSet>`)),
  )
  const { data, errors } = await server.execute(names)
  expect(errors).toBeUndefined()
  expect(data?.virtualMachines.nodes).toHaveLength(20)

  proxy.on('RetrievePropertiesEx', (call) =>
    call.rewrite((text) => text.replace('<propSet>', () => `${array('name')}<propSet>`)),
  )
  expect((await server.execute(names)).errors?.[0]?.extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX' })
  proxy.reset()
  expect((await server.execute(names)).errors).toBeUndefined()
})
