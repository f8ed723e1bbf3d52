// Every setting of every command, once: flags, variables, defaults, --help and the README's table all derive from here.
// read-settings.ts takes the values from the command line and the environment; config.ts makes sense of them together.

import { z } from 'zod'
import { parseThumbprint } from '../transport/thumbprint.ts'
import { parseHostName, parseListenAddress, parseOrigin } from './host-name.ts'

export interface Setting extends Kind {
  /** Its name on the command line; without one it comes from the environment alone. */
  readonly flag?: string
  /** What the flag takes, as help writes it; a switch takes nothing. */
  readonly takes?: string
  /** The flag may be given several times. */
  readonly repeatable?: true
  /** Its variable. */
  readonly env?: string
  /** Its variable when the URL comes from govc's. */
  readonly govc?: string
  /** It says how a vCenter is reached, which the simulator has no use for. */
  readonly vcenter?: true
  /** The default in words, where `value` has none. */
  readonly otherwise?: string
  readonly help: string
}

export type Settings = Readonly<Record<string, Setting>>

/** A kind of value: how it is read from text, and what an error says that it must be. */
interface Kind<T extends z.ZodType = z.ZodType> {
  readonly value: T
  readonly expects: string
  /** Errors do not show the value. */
  readonly secret?: true
}

const parsed = <T>(parse: (text: string) => T | undefined) =>
  z.string().transform((text, context) => {
    const value = parse(text)
    if (value === undefined) context.addIssue({ code: 'custom' })
    return value ?? z.NEVER
  })

const wholeNumber = (min: number, max: number) => ({
  value: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max)),
  expects: `a whole number from ${min} to ${max}`,
})

const text = { value: z.string().min(1), expects: 'some text' }
// Whoever gives a password where its file is asked for must not read it on the screen.
const file = { value: z.string().min(1), expects: 'the path of a file', secret: true } as const
const toggle = { value: z.stringbool().default(false), expects: 'true or false' }
const hostName = {
  value: parsed(parseHostName),
  expects: 'a host name or an IP address, without scheme, port or path',
}
const address = { ...hostName, value: parsed(parseListenAddress) }
const origin = {
  value: parsed(parseOrigin),
  expects: 'where a page comes from, such as https://portal.example.com, without a path',
}
const port = wholeNumber(0, 65_535)
const oneOf = <const T extends readonly [string, ...string[]]>(...words: T) => ({
  value: z.enum(words),
  expects: new Intl.ListFormat('en-GB', { type: 'disjunction' }).format(words),
})
// There may be a user and a password in it.
const httpUrl = {
  value: z.url({ protocol: /^https?$/ }),
  expects: 'a URL that begins with http:// or https://',
  secret: true,
} as const

export const logLevels = ['error', 'warn', 'info'] as const
export const logFormats = ['json', 'text'] as const

const optional = <T extends z.ZodType>(kind: Kind<T>) => ({ ...kind, value: kind.value.optional() })
const orElse = <T extends z.ZodType<unknown, string>>(kind: Kind<T>, otherwise: string) => ({
  ...kind,
  value: kind.value.prefault(otherwise as z.util.NoUndefined<z.input<T>>),
})

const common = {
  help: { ...toggle, flag: 'help', help: 'Show this text.' },
  version: { ...toggle, flag: 'version', help: 'Show the version.' },
} as const

export const serveSettings = {
  url: {
    ...optional({ ...text, secret: true }),
    flag: 'url',
    takes: 'URL',
    env: 'VSPHERE_URL',
    govc: 'GOVC_URL',
    vcenter: true,
    otherwise: 'the embedded simulator',
    help: 'The vCenter: a host, host/sdk or a whole URL, also with user:password. http:// only on this machine, or with --insecure.',
  },
  username: {
    ...optional(text),
    flag: 'username',
    takes: 'NAME',
    env: 'VSPHERE_USERNAME',
    govc: 'GOVC_USERNAME',
    vcenter: true,
    help: 'The user to log in as, but with --auth vsphere.',
  },
  password: {
    ...optional({ ...text, secret: true }),
    env: 'VSPHERE_PASSWORD',
    govc: 'GOVC_PASSWORD',
    vcenter: true,
    help: 'The password. No flag: other users of the machine could read it there.',
  },
  passwordFile: {
    ...optional(file),
    flag: 'password-file',
    takes: 'FILE',
    env: 'VSPHERE_PASSWORD_FILE',
    vcenter: true,
    help: 'A file that holds the password, instead of VSPHERE_PASSWORD. It is read at each login.',
  },
  caFile: {
    ...optional(file),
    flag: 'ca-file',
    takes: 'FILE',
    env: 'VSPHERE_CA_FILE',
    govc: 'GOVC_TLS_CA_CERTS',
    vcenter: true,
    help: 'PEM certificates of authorities to trust beside the usual ones.',
  },
  thumbprint: {
    ...optional({ value: parsed(parseThumbprint), expects: 'a SHA-256 thumbprint, 32 bytes in hexadecimal' }),
    flag: 'thumbprint',
    takes: 'SHA256',
    env: 'VSPHERE_THUMBPRINT',
    vcenter: true,
    help: 'The only certificate to trust, by its SHA-256 thumbprint, instead of --ca-file.',
  },
  insecure: {
    ...toggle,
    flag: 'insecure',
    env: 'VSPHERE_INSECURE',
    govc: 'GOVC_INSECURE',
    vcenter: true,
    help: 'Trust any certificate, instead of --ca-file or --thumbprint.',
  },
  name: {
    ...optional(text),
    flag: 'name',
    takes: 'NAME',
    otherwise: "the URL's host, or `simulator`",
    help: 'What the API calls this vCenter.',
  },
  simulator: {
    ...toggle,
    flag: 'simulator',
    help: 'Serve the embedded simulator, whatever the environment says.',
  },
  host: {
    ...orElse(address, '127.0.0.1'),
    flag: 'host',
    takes: 'HOST',
    env: 'HOST',
    help: 'The address to listen on.',
  },
  port: {
    ...orElse(port, '4000'),
    flag: 'port',
    takes: 'PORT',
    env: 'PORT',
    help: 'The port to listen on; 0 takes a free one.',
  },
  allowedHosts: {
    ...hostName,
    value: z.array(hostName.value).default([]),
    flag: 'allowed-host',
    takes: 'HOST',
    repeatable: true,
    otherwise: "this machine's names for itself, and --host",
    help: 'One more name under which clients reach the gateway; under any other all of them are refused.',
  },
  auth: {
    ...orElse(
      {
        value: z.string().pipe(z.enum(['none', 'token', 'jwt', 'vsphere'])),
        expects: 'none, token, jwt or vsphere',
      },
      'none',
    ),
    flag: 'auth',
    takes: 'MODE',
    env: 'AUTH',
    help: 'Who may call: everybody (none, on this machine only), who has a token of --token-file (token), a JSON Web Token (jwt), or a user name and password of the vCenter, there to act as that user (vsphere).',
  },
  tokenFile: {
    ...optional(file),
    flag: 'token-file',
    takes: 'FILE',
    env: 'TOKEN_FILE',
    help: 'The tokens of --auth token, a line each: NAME, reader or operator, TOKEN or sha256:HEX. Read again when it changes.',
  },
  jwtIssuer: {
    ...optional(text),
    flag: 'jwt-issuer',
    takes: 'ISSUER',
    env: 'JWT_ISSUER',
    help: 'Who must have issued a token (iss).',
  },
  jwtAudience: {
    ...optional(text),
    flag: 'jwt-audience',
    takes: 'AUDIENCE',
    env: 'JWT_AUDIENCE',
    help: 'Whom a token must be for (aud).',
  },
  jwtKeys: {
    ...optional(text),
    flag: 'jwt-jwks',
    takes: 'URL',
    env: 'JWT_JWKS',
    help: "The issuer's public keys, a JSON Web Key Set: from an https:// URL, or in a file that is read again when it changes.",
  },
  jwtRoleClaim: {
    ...optional(text),
    flag: 'jwt-role-claim',
    takes: 'CLAIM',
    env: 'JWT_ROLE_CLAIM',
    otherwise: '`role`',
    help: 'The claim that says reader or operator, alone or among other words; dots lead into objects, as in realm_access.roles.',
  },
  maxSessions: {
    ...optional(wholeNumber(1, 10_000)),
    flag: 'max-sessions',
    takes: 'N',
    env: 'MAX_SESSIONS',
    otherwise: '`100`',
    help: 'Sessions with the vCenter at most, with --auth vsphere: one a person.',
  },
  sessionIdle: {
    ...optional(wholeNumber(1, 86_400)),
    flag: 'session-idle',
    takes: 'SECONDS',
    env: 'SESSION_IDLE',
    otherwise: '`600`',
    help: 'How long such a session is kept when its person asks nothing; then it is logged out.',
  },
  allowAnonymous: {
    ...toggle,
    flag: 'allow-anonymous',
    help: 'Let everybody in, also from other machines.',
  },
  tlsCert: {
    ...optional(file),
    flag: 'tls-cert',
    takes: 'FILE',
    env: 'TLS_CERT',
    help: 'Serve https with this certificate (PEM, with those between it and its authority). Read again when it changes.',
  },
  tlsKey: {
    ...optional(file),
    flag: 'tls-key',
    takes: 'FILE',
    env: 'TLS_KEY',
    help: 'The private key of --tls-cert (PEM, without a passphrase).',
  },
  behindTlsProxy: {
    ...toggle,
    flag: 'behind-tls-proxy',
    help: 'Serve plain http to a proxy that speaks TLS with the callers, and believe its X-Forwarded-For in the log.',
  },
  allowedOrigins: {
    ...origin,
    value: z.array(origin.value).default([]),
    flag: 'allowed-origin',
    takes: 'ORIGIN',
    repeatable: true,
    otherwise: 'none but its own',
    help: 'One more origin whose pages may ask, as browsers write it; opens CORS to it.',
  },
  readOnly: {
    ...toggle,
    flag: 'read-only',
    help: 'Leave the mutations out.',
  },
  noIntrospection: {
    ...toggle,
    flag: 'no-introspection',
    help: 'Tell nobody the schema, nor suggest names in errors.',
  },
  noGraphiql: {
    ...toggle,
    flag: 'no-graphiql',
    help: 'Show browsers no GraphiQL.',
  },
  persistedOperations: {
    ...optional(file),
    flag: 'persisted-operations',
    takes: 'FILE',
    help: 'Operations that clients may ask by their id: a JSON object of ids and documents.',
  },
  onlyPersisted: {
    ...toggle,
    flag: 'only-persisted',
    help: 'Take no operations but those of --persisted-operations.',
  },
  pageSizeDefault: {
    ...orElse(wholeNumber(1, 10_000), '100'),
    flag: 'page-size',
    takes: 'N',
    help: 'Objects on a page when a query does not say.',
  },
  pageSizeMax: {
    ...orElse(wholeNumber(1, 10_000), '1000'),
    flag: 'max-page-size',
    takes: 'N',
    help: 'Objects on a page at most.',
  },
  maxObjects: {
    ...orElse(wholeNumber(1, 1_000_000_000), '500000'),
    flag: 'max-objects',
    takes: 'N',
    help: 'Objects that an answer may have: estimated before anything is asked, and counted while it is.',
  },
  maxAnswerValues: {
    ...orElse(wholeNumber(1, 1_000_000_000), '1000000'),
    flag: 'max-answer-values',
    takes: 'N',
    help: 'Texts, numbers and the like that an answer may have, of all its objects: estimated and counted as these are.',
  },
  maxErrors: {
    ...orElse(wholeNumber(1, 1_000_000), '1000'),
    flag: 'max-errors',
    takes: 'N',
    help: 'Errors that an answer may have.',
  },
  maxRequestBytes: {
    ...orElse(wholeNumber(1_000, 100_000_000), '500000'),
    flag: 'max-request-bytes',
    takes: 'N',
    help: 'Bytes that a request may have.',
  },
  maxBatch: {
    ...orElse(wholeNumber(0, 100), '0'),
    flag: 'max-batch',
    takes: 'N',
    help: 'Operations that one request may have, as a JSON list; 0 takes no lists.',
  },
  maxValues: {
    ...orElse(wholeNumber(1, 1_000_000), '2000'),
    flag: 'max-values',
    takes: 'N',
    help: 'Values that the variables of an operation may have, with those inside lists and objects.',
  },
  maxTokens: {
    ...orElse(wholeNumber(1, 100_000), '2000'),
    flag: 'max-tokens',
    takes: 'N',
    help: 'Tokens (names, values, punctuation) that a document may have.',
  },
  maxDepth: {
    ...orElse(wholeNumber(1, 200), '50'),
    flag: 'max-depth',
    takes: 'N',
    help: 'Fields inside fields that a document may have, and values inside values.',
  },
  maxAliases: {
    ...orElse(wholeNumber(0, 100_000), '100'),
    flag: 'max-aliases',
    takes: 'N',
    help: 'Aliases that a document may have.',
  },
  maxDirectives: {
    ...orElse(wholeNumber(0, 100_000), '100'),
    flag: 'max-directives',
    takes: 'N',
    help: 'Directives, such as @include, that a document may have.',
  },
  maxMegabytes: {
    ...orElse(wholeNumber(1, 1_000_000), '256'),
    flag: 'max-megabytes',
    takes: 'N',
    help: 'Megabytes (of 1,000,000 bytes) that an operation may read from vCenter.',
  },
  maxAnswerMegabytes: {
    ...orElse(wholeNumber(1, 500), '64'),
    flag: 'max-answer-megabytes',
    takes: 'N',
    help: 'Megabytes that the answer to a query may have.',
  },
  maxOperations: {
    ...orElse(wholeNumber(1, 100_000), '200'),
    flag: 'max-operations',
    takes: 'N',
    help: 'Queries and mutations that run at the same time at most, half of them of one caller; as many more wait for ten seconds.',
  },
  maxSubscriptions: {
    ...orElse(wholeNumber(1, 100_000), '500'),
    flag: 'max-subscriptions',
    takes: 'N',
    help: 'Subscriptions that stand open at the same time at most, half of them of one caller.',
  },
  operationTimeout: {
    ...orElse(wholeNumber(1, 86_400), '900'),
    flag: 'operation-timeout',
    takes: 'SECONDS',
    help: 'How long a query or a mutation may take; a change that was sent runs to its reply.',
  },
  timeout: {
    ...orElse(wholeNumber(1, 3600), '60'),
    flag: 'timeout',
    takes: 'SECONDS',
    help: 'How long one call to vCenter may take.',
  },
  maxCalls: {
    ...orElse(wholeNumber(1, 100), '8'),
    flag: 'max-calls',
    takes: 'N',
    help: 'Calls that read from vCenter at the same time at most; others wait for their turn.',
  },
  adminPort: {
    ...optional(port),
    flag: 'admin-port',
    takes: 'PORT',
    env: 'ADMIN_PORT',
    otherwise: 'that of the rest',
    help: 'A port for /health, /ready and /metrics, in plain http, where any host name will do; the other port then has only /health. 0 takes a free one.',
  },
  adminHost: {
    ...optional(address),
    flag: 'admin-host',
    takes: 'HOST',
    env: 'ADMIN_HOST',
    otherwise: 'that of --host',
    help: 'The address to listen on for --admin-port.',
  },
  logLevel: {
    ...orElse(oneOf(...logLevels), 'info'),
    flag: 'log-level',
    takes: 'LEVEL',
    env: 'LOG_LEVEL',
    help: 'The least that is logged: error, warn or info. What mutations change is logged in any case.',
  },
  logFormat: {
    ...optional(oneOf(...logFormats)),
    flag: 'log-format',
    takes: 'FORMAT',
    env: 'LOG_FORMAT',
    otherwise: 'text on a terminal, json elsewhere',
    help: 'How the log is written to standard error: json or text. When json is asked for, nothing else is written to standard output.',
  },
  otlpEndpoint: {
    ...optional(httpUrl),
    flag: 'otlp-endpoint',
    takes: 'URL',
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    help: 'An OpenTelemetry collector that takes OTLP over HTTP: a span of each operation and SOAP call is sent there.',
  },
  ...common,
} as const satisfies Settings

export const simulateSettings = {
  host: {
    ...orElse(address, '127.0.0.1'),
    flag: 'host',
    takes: 'HOST',
    help: 'The address to listen on.',
  },
  port: {
    ...orElse(port, '8989'),
    flag: 'port',
    takes: 'PORT',
    help: 'The port to listen on; 0 takes a free one.',
  },
  tls: {
    ...toggle,
    flag: 'tls',
    help: 'Serve https with a certificate made on the spot.',
  },
  vms: {
    ...optional(wholeNumber(1, 100_000)),
    flag: 'vms',
    takes: 'N',
    otherwise: 'eighteen that show something',
    help: 'Virtual machines in the inventory.',
  },
  megabytesPerSecond: {
    ...optional(wholeNumber(1, 100_000)),
    flag: 'megabytes-per-second',
    takes: 'N',
    otherwise: 'as fast as they are made',
    help: 'Megabytes (of 1,000,000 bytes) of answers that leave in a second, all together.',
  },
  seed: {
    ...orElse(wholeNumber(0, 2 ** 32 - 1), '1'),
    flag: 'seed',
    takes: 'N',
    help: 'Where chance begins: the same seed makes the same inventory and the same writes.',
  },
  username: {
    ...orElse(text, 'user'),
    flag: 'username',
    takes: 'NAME',
    help: 'The only user who may log in.',
  },
  password: {
    ...orElse({ ...text, secret: true }, 'pass'),
    flag: 'password',
    takes: 'PASSWORD',
    help: 'That user’s password.',
  },
  ...common,
} as const satisfies Settings

export const printSchemaSettings = {
  readOnly: serveSettings.readOnly,
  ...common,
} as const satisfies Settings
