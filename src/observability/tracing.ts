// OpenTelemetry: a span of each operation and of each SOAP call that it made, sent to a collector. Loaded only where an
// endpoint is set. What a span says is a name, a kind and an outcome: no document, no variable, no message of an error.

import {
  type Attributes,
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { ExportResultCode, setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'

/** What a SOAP call's span is made of, when the call is over. */
interface TracedCall {
  readonly method: string
  /** In milliseconds since 1970. */
  readonly sentAt: number
  readonly ms: number
  readonly bytes: number
  readonly outcome: string
  /** Which try of its read it was; 1 is the first. */
  readonly attempt: number
}

/** What an operation's span says at its end. */
interface TracedOperation {
  readonly requestId: string
  readonly kind: string
  readonly name: string | undefined
  readonly outcome: string
  /** Of the errors in its answers, each once. */
  readonly codes: readonly string[]
}

export interface OperationSpan {
  call(call: TracedCall): void
  end(operation: TracedOperation): void
}

export interface Tracing {
  /** Begins an operation's span: below the caller's, if `traceparent` and `tracestate` name one. */
  startOperation(parent: Readonly<Record<string, string>>): OperationSpan
  /** Sends what has ended. */
  flush(): Promise<void>
  /** Sends what is left, if it can, and ends. */
  close(): Promise<void>
}

interface TracingOptions {
  /** The collector's base URL, below which it takes spans at v1/traces. */
  readonly endpoint: string
  readonly version: string
  /** What the API calls the vCenter that is asked. */
  readonly vcenter: string
  /** Told when spans cannot be sent, with the reason in a word or a few, and when they can again. */
  readonly onChange: (change: 'failing' | 'recovered', reason?: string) => void
}

/** How long spans may take to be sent, also when the gateway stops. */
const exportTimeoutMs = 5_000

export function createTracing({ endpoint, version, vcenter, onChange }: TracingOptions): Tracing {
  let isFailing = false
  const onResult = (reason?: string) => {
    const failed = reason !== undefined
    if (failed && !isFailing) onChange('failing', reason)
    if (!failed && isFailing) onChange('recovered')
    isFailing = failed
  }
  const fail = (error: unknown) => onResult(reasonOf(error))
  setGlobalErrorHandler(fail)
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/$/, '')}/v1/traces`,
    timeoutMillis: exportTimeoutMs,
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'vsphere-graphql', 'service.version': version }),
    spanProcessors: [new BatchSpanProcessor({ exporter: observed(exporter, onResult) })],
  })
  const tracer = provider.getTracer('vsphere-graphql', version)
  const propagator = new W3CTraceContextPropagator()
  return {
    startOperation(parent) {
      const parentContext = propagator.extract(ROOT_CONTEXT, parent, defaultTextMapGetter)
      const attributes = { 'vsphere_graphql.vcenter': vcenter }
      const span = tracer.startSpan('operation', { kind: SpanKind.SERVER, attributes }, parentContext)
      const spanContext = trace.setSpan(parentContext, span)
      return {
        call({ method, sentAt, ms, bytes, outcome, attempt }) {
          const attributes = {
            'rpc.system': 'soap',
            'rpc.service': 'vim25',
            'rpc.method': method,
            'http.response.body.size': bytes,
            'vsphere_graphql.vcenter': vcenter,
            ...(attempt > 1 && { 'http.request.resend_count': attempt - 1 }),
          }
          const call = tracer.startSpan(
            method,
            { kind: SpanKind.CLIENT, startTime: sentAt, attributes },
            spanContext,
          )
          if (outcome !== 'success')
            call.setAttribute('error.type', outcome).setStatus({ code: SpanStatusCode.ERROR })
          call.end(sentAt + ms)
        },
        end({ requestId, kind, name, outcome, codes }) {
          const attributes: Attributes = {
            'graphql.operation.type': kind,
            'vsphere_graphql.request_id': requestId,
            'vsphere_graphql.outcome': outcome,
          }
          if (name !== undefined) attributes['graphql.operation.name'] = name
          const [code] = codes
          if (code !== undefined) attributes['error.type'] = code
          if (outcome !== 'success') span.setStatus({ code: SpanStatusCode.ERROR })
          span.updateName(kind).setAttributes(attributes).end()
        },
      }
    },
    flush: () => provider.forceFlush().catch(fail),
    close: () => provider.shutdown().catch(fail),
  }
}

/** The exporter tells failures to a handler of all errors, and success to nobody but who asked. */
function observed(exporter: SpanExporter, onResult: (reason?: string) => void): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        onResult(result.code === ExportResultCode.SUCCESS ? undefined : reasonOf(result.error))
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
}

/** The status or the code of what went wrong. What the exporter says beside may have the collector's URL in it, and that a password. */
function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code === 'number') return `it answers with status ${code}`
  if (typeof code === 'string' && /^[A-Z][A-Z\d_]{1,40}$/.test(code)) return code
  if (message === 'Request timed out') return 'it does not answer in time'
  return message === 'Export failed with retryable status' ? 'it asks to come again later' : 'unknown'
}
