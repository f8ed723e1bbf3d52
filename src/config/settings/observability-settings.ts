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
    defaultText: 'the main port',
    help: 'Separate http port for /health, /ready and /metrics, which accepts any host name. The main port then serves only /health of these. 0 selects a free port.',
  },
  adminHost: {
    ...optional(address),
    flag: 'admin-host',
    placeholder: 'HOST',
    env: 'ADMIN_HOST',
    defaultText: 'the value of --host',
    help: 'Address to listen on for --admin-port.',
  },
  logLevel: {
    ...withDefault(oneOf(...logLevels), 'info'),
    flag: 'log-level',
    placeholder: 'LEVEL',
    env: 'LOG_LEVEL',
    help: 'Minimum log level: error, warn or info. Audit entries of mutations are always logged.',
  },
  logFormat: {
    ...optional(oneOf(...logFormats)),
    flag: 'log-format',
    placeholder: 'FORMAT',
    env: 'LOG_FORMAT',
    defaultText: 'text on a terminal, otherwise json',
    help: 'Format of the log on standard error: json or text. With json set explicitly, nothing is written to standard output.',
  },
  otlpEndpoint: {
    ...optional(httpUrl),
    flag: 'otlp-endpoint',
    placeholder: 'URL',
    env: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    help: 'OpenTelemetry collector URL (OTLP over HTTP) that receives a span per operation and per SOAP call.',
  },
} as const satisfies Settings
