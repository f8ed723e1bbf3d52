// Spans as a collector receives them: one for each operation, with one child for each SOAP call.

import { describe, expect, it, onTestFinished } from 'vitest'
import { createTracing } from '../../src/observability/tracing.ts'
import { startGateway } from '../test-gateway.ts'
import { startLoopbackServer } from '../transport/loopback-server.ts'
import { attributesOf, startCollector } from './collector.ts'

async function traced() {
  const collector = await startCollector()
  const failures: string[] = []
  const options = {
    endpoint: collector.url,
    version: '1.2.3',
    vcenter: 'test',
    onChange: (change: string) => failures.push(change),
  }
  const tracing = createTracing(options)
  const gateway = startGateway({ tracing })
  onTestFinished(() => gateway.close())
  return { ...gateway, collector, failures, sent: () => tracing.close() }
}

const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const [client, server] = [3, 2]

describe('the spans of an operation', () => {
  it("are one for the operation and one for each call, below the caller's span", async () => {
    const { execute, collector, sent, failures } = await traced()
    await execute(
      'query Names { virtualMachines { nodes { name } } }',
      {},
      { traceparent: parent, 'x-request-id': 'r-1' },
    )
    await sent()
    const operation = collector.spans.find(({ kind }) => kind === server)
    expect(operation).toMatchObject({
      name: 'query',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      status: {},
    })
    expect(attributesOf(operation as never)).toEqual({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Names',
      'vsphere_graphql.request_id': 'r-1',
      'vsphere_graphql.outcome': 'success',
      'vsphere_graphql.vcenter': 'test',
    })
    const calls = collector.spans.filter(({ kind }) => kind === client)
    expect(calls.map(({ name }) => name)).toEqual(['CreateContainerView', 'RetrievePropertiesEx'])
    for (const call of calls) {
      expect(call).toMatchObject({ traceId: operation?.traceId, parentSpanId: operation?.spanId })
      expect(BigInt(call.startTimeUnixNano)).toBeGreaterThanOrEqual(
        BigInt(operation?.startTimeUnixNano as string),
      )
      expect(BigInt(call.endTimeUnixNano)).toBeLessThanOrEqual(BigInt(operation?.endTimeUnixNano as string))
      expect(attributesOf(call)).toMatchObject({
        'rpc.service': 'vim25',
        'rpc.method': call.name,
        'vsphere_graphql.vcenter': 'test',
      })
    }
    expect(collector.resources).toEqual([{ 'service.name': 'vsphere-graphql', 'service.version': '1.2.3' }])
    expect(failures).toEqual([])
  })

  it('start a new trace when the caller sends none or an invalid one', async () => {
    const { execute, collector, sent } = await traced()
    await execute('{ vcenters { name } }')
    await execute('{ vcenters { name } }', {}, { traceparent: '00-zz-01' })
    await sent()
    expect(collector.spans.map(({ parentSpanId }) => parentSpanId)).toEqual([undefined, undefined])
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(2)
  })

  it('are not created when the caller does not sample', async () => {
    const { execute, collector, sent } = await traced()
    await execute('{ vcenters { name } }', {}, { traceparent: parent.replace(/01$/, '00') })
    await sent()
    expect(collector.spans).toEqual([])
  })

  it('have the error code of a failure, and nothing from the request', async () => {
    const { execute, collector, sent, simulator } = await traced()
    simulator.faults.fault('HostCommunication', { method: 'RetrievePropertiesEx', message: 'confidential' })
    await execute('query ($n: String!) { virtualMachine(by: { name: $n }) { name } }', { n: 'confidential' })
    await sent()
    const failed = collector.spans.filter(({ status }) => status.code === 2).map((span) => attributesOf(span))
    expect(failed).toMatchObject([
      { 'rpc.method': 'RetrievePropertiesEx', 'error.type': 'fault' },
      { 'vsphere_graphql.outcome': expect.any(String), 'error.type': 'VSPHERE_FAULT' },
    ])
    expect(collector.bodies.join()).not.toContain('confidential')
  })

  it('have a retried read as a separate call, as in the trace extension', async () => {
    const { execute, collector, sent, simulator } = await traced()
    simulator.faults.unavailable({ method: 'RetrievePropertiesEx' })
    const { extensions } = await execute('{ virtualMachines { totalCount } }', {}, { 'x-vsphere-trace': '1' })
    await sent()
    const reads = collector.spans.filter(({ name }) => name === 'RetrievePropertiesEx').map(attributesOf)
    expect(reads.map((each) => [each['error.type'], each['http.request.resend_count']])).toEqual([
      ['failed', undefined],
      [undefined, 1],
    ])
    expect(extensions?.vsphere).toMatchObject({
      calls: [
        { method: 'CreateContainerView' },
        { method: 'RetrievePropertiesEx' },
        { method: 'RetrievePropertiesEx', attempt: 2 },
      ],
    })
  })
})

it('logs a failing collector once, without its address, and its recovery', async () => {
  let status = 400
  const { url } = await startLoopbackServer((_request, response) => response.writeHead(status).end())
  const reported: unknown[] = []
  const endpoint = url.replace('//', '//user:hunter2@')
  const tracing = createTracing({
    endpoint,
    version: '1',
    vcenter: 'test',
    onChange: (...change) => reported.push(change),
  })
  const operation = { requestId: 'r', kind: 'query', name: undefined, outcome: 'success', codes: [] }
  const send = async () => {
    tracing.startOperation({}).end(operation)
    await tracing.flush()
  }
  await send()
  await send()
  expect(reported).toEqual([['failing', 'status 400']])
  status = 200
  await send()
  await tracing.close()
  expect(reported.slice(1)).toEqual([['recovered']])
})

it('logs an unreachable collector with its error code alone', async () => {
  const reported: unknown[] = []
  const endpoint = 'http://user:hunter2@127.0.0.1:1'
  const onChange = (...change: unknown[]) => reported.push(change)
  const tracing = createTracing({ endpoint, version: '1', vcenter: 'test', onChange })
  tracing
    .startOperation({})
    .end({ requestId: 'r', kind: 'query', name: undefined, outcome: 'success', codes: [] })
  await tracing.close()
  expect(reported).toEqual([['failing', 'ECONNREFUSED']])
})
