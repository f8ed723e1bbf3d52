// Tests deploy/kubernetes.yaml without a cluster: it is valid YAML, it uses existing settings, and its mounts, probes and
// services are consistent.

import { dirname } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadServeConfig } from '../../src/config/config.ts'
import { startServer } from '../../src/server/start-server.ts'
import { read } from '../docs/markdown.ts'
import { configOf, servableOnNetwork, unknown } from './deployment-files.ts'

const documents = parseAllDocuments(read('deploy/kubernetes.yaml'))
const objects = documents.map((document) => document.toJS())
const [deployment, service, policy] = ['Deployment', 'Service', 'NetworkPolicy'].map((kind) =>
  objects.find((each) => each.kind === kind),
)
const { spec: pod, metadata } = deployment.spec.template
const [container] = pod.containers
/** The namespace of the manifest. */
const namespace = 'tools'

interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: { readonly fieldRef: { readonly fieldPath: string } }
}
const variables = (entries: readonly EnvVar[]): Record<string, string> =>
  Object.fromEntries(
    entries.map(({ name, value, valueFrom }) => {
      if (valueFrom) expect(valueFrom.fieldRef.fieldPath).toBe('metadata.namespace')
      return [name, value ?? namespace]
    }),
  )
const { NAMESPACE, ...env } = variables(container.env)
const portOf = (name: string) =>
  container.ports.find((each: { name: string }) => each.name === name).containerPort

it('is valid YAML without duplicate keys', () => {
  expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([])
  expect(objects.map(({ kind }) => kind)).toEqual(['ConfigMap', 'Deployment', 'Service', 'NetworkPolicy'])
})

describe('the container', () => {
  const [command, ...argv] = container.args.map((word: string) => word.replace('$(NAMESPACE)', namespace))
  const config = configOf(argv, env)

  it('uses only existing settings', () => {
    expect(command).toBe('serve')
    expect(unknown(env)).toEqual([])
    expect(config).toMatchObject(servableOnNetwork)
    expect(config.port).toBe(portOf('https'))
    expect(config.admin).toEqual({ host: '0.0.0.0', port: portOf('admin') })
    expect(NAMESPACE).toBe(namespace)
    const { name } = service.metadata
    for (const each of [name, `${name}.tools.svc`, `${name}.tools.svc.cluster.local`])
      expect(config.allowedHosts).toContain(each)
  })

  it('works with the authentication modes from the comments', () => {
    const { AUTH, TOKEN_FILE, ...rest } = env
    const entries = [...read('deploy/kubernetes.yaml').matchAll(/^ +# {3}- (\{.+\})$/gm)]
    const others = entries.map(([, entry]) => parse(entry as string) as EnvVar)
    const at = others.findLastIndex(({ name }) => name === 'AUTH')
    const jwt = variables(others.slice(0, at))
    expect(configOf(argv, { ...rest, ...jwt })).toMatchObject({ ...servableOnNetwork, auth: { mode: 'jwt' } })
    const { VSPHERE_USERNAME, VSPHERE_PASSWORD_FILE, ...perUser } = rest
    const vsphere = variables(others.slice(at))
    expect(configOf(argv, { ...perUser, ...vsphere })).toMatchObject({
      ...servableOnNetwork,
      auth: { mode: 'vsphere' },
    })
  })

  it('has probes and scraping on the correct ports and paths', async () => {
    const flags = ['--simulator', '--port', '0', '--admin-port', '0']
    const silent = { info() {}, warn() {}, error() {} }
    const server = await startServer(loadServeConfig({ argv: flags, env: {} }), silent)
    onTestFinished(() => server.stop())
    const probes = [container.livenessProbe, container.readinessProbe].map(({ httpGet }) => httpGet)
    expect(probes.map(({ port }) => port)).toEqual(['admin', 'admin'])
    const scraped = { path: metadata.annotations['prometheus.io/path'] }
    for (const { path } of [...probes, scraped])
      expect((await fetch(new URL(path, server.adminUrl))).status, path).toBe(200)
    expect(Number(metadata.annotations['prometheus.io/port'])).toBe(portOf('admin'))
  })

  it('finds its files in the mounted volumes', () => {
    const mounts = new Map<string, string>(
      container.volumeMounts.map(({ mountPath, name }: Record<string, string>) => [mountPath, name]),
    )
    const volumes = new Map<string, object>(pod.volumes.map((each: { name: string }) => [each.name, each]))
    const source = (variable: string) => volumes.get(mounts.get(dirname(env[variable] as string)) ?? '')
    for (const name of ['VSPHERE_PASSWORD_FILE', 'TOKEN_FILE'])
      expect(source(name)).toMatchObject({ secret: { secretName: 'vsphere-graphql' } })
    for (const name of ['TLS_CERT', 'TLS_KEY'])
      expect(source(name)).toMatchObject({ secret: { secretName: 'vsphere-graphql-tls' } })
    const map = objects.find(({ kind }) => kind === 'ConfigMap')
    expect(source('VSPHERE_CA_FILE')).toMatchObject({ configMap: { name: map.metadata.name } })
    expect(map.data).toHaveProperty(['vcenter-ca.pem'])
  })

  it('has the least privileges', () => {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    })
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(container.resources).toMatchObject({ requests: { memory: '256Mi' }, limits: { memory: '1Gi' } })
  })
})

it('runs one gateway at a time, with a sufficient grace period', () => {
  expect(deployment.spec).toMatchObject({ replicas: 1, strategy: { type: 'Recreate' } })
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(40)
})

it('contains no secret', () => {
  expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([])
})

it('has a Service that exposes the gateway but not its metrics', () => {
  expect(service.spec.selector).toEqual(deployment.spec.selector.matchLabels)
  expect(metadata.labels).toMatchObject(service.spec.selector)
  expect(service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(['https'])
})

it('allows all traffic to the gateway, but only Prometheus to its metrics', () => {
  expect(policy.spec.podSelector.matchLabels).toEqual(deployment.spec.selector.matchLabels)
  expect(policy.spec.policyTypes).toEqual(['Ingress'])
  const [callers, scrapers, ...more] = policy.spec.ingress
  expect(callers).toEqual({ ports: [{ port: 'https' }] })
  expect(scrapers.ports).toEqual([{ port: 'admin' }])
  expect(scrapers.from).toHaveLength(1)
  expect(more).toEqual([])
})
