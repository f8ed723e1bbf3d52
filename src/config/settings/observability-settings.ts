// Settings of probes, metrics, logs and traces.

import {
  address,
  httpUrl,
  logFormats,
  logLevels,
  oneOf,
  optional,
  port,
  type Settings,
  withDefault,
} from './setting.ts'

export const observabilitySettings = {
  adminPort: {
    ...optional(port),
    flag: 'admin-port',
    placeholder: 'PORT',
    env: 'ADMIN_PORT',
    defaultText: 'that of the rest',
    help: 'A port for /health, /ready and /metrics, in plain http, where any host name will do; the other port then has only /health. 0 takes a free one.',
  },
  adminHost: {
    ...optional(address),
    flag: 'admin-host',
    placeholder: 'HOST',
    env: 'ADMIN_HOST',
    defaultText: 'that of --host',
    help: 'The address to listen on for --admin-port.',
  },
  logLevel: {
    ...withDefault(oneOf(...logLevels), 'info'),
    flag: 'log-level',
    placeholder: 'LEVEL',
    env: 'LOG_LEVEL',
    help: 'The least that is logged: error, warn or info. What mutations change is logged in any case.',
  },
  logFormat: {
    ...optional(oneOf(...logFormats)),
    flag: 'log-format',
    placeholder: 'FORMAT',
    env: 'LOG_FORMAT',
    defaultText: 'text on a terminal, json elsewhere',
    help: 'How the log is written to standard error: json or text. When json is asked for, nothing else is written to standard output.',
  },
  otlpEndpoint: {
    ...optional(httpUrl),
    flag: 'otlp-endpoint',
    placeholder: 'URL',
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    help: 'An OpenTelemetry collector that takes OTLP over HTTP: a span of each operation and SOAP call is sent there.',
  },
} as const satisfies Settings
