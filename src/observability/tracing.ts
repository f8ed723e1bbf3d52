// OpenTelemetry tracing: sends a span per operation and per SOAP call to a collector. Loaded only if an
// endpoint is configured. Spans have a name, a kind and an outcome, but no document, variables or error
// messages.

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

/** The properties of a finished SOAP call. */
interface TracedCall {
  readonly method: string
  /** In milliseconds since the epoch. */
  readonly sentAt: number
  readonly ms: number
  readonly bytes: number
  readonly outcome: string
  /** The attempt number; 1 is the first. */
  readonly attempt: number
}

/** The properties of a finished operation. */
interface TracedOperation {
  readonly requestId: string
  readonly kind: string
  readonly name: string | undefined
  readonly outcome: string
  /** The distinct codes of the errors in its results. */
  readonly codes: readonly string[]
}

export interface OperationSpan {
  call(call: TracedCall): void
  end(operation: TracedOperation): void
}

export interface Tracing {
  /** Starts an operation's span, as a child of the caller's if `traceparent` and `tracestate` name one. */
  startOperation(parent: Readonly<Record<string, string>>): OperationSpan
  /** Sends the finished spans. */
  flush(): Promise<void>
  /** Sends the remaining spans if possible, and shuts down. */
  close(): Promise<void>
}

interface TracingOptions {
  /** The collector's base URL; spans are sent to v1/traces below it. */
  readonly endpoint: string
  readonly version: string
  /** The name of the vCenter in the API. */
  readonly vcenter: string
  /** Called when the export of spans starts to fail, with a short reason, and when it works again. */
  readonly onChange: (change: 'failing' | 'recovered', reason?: string) => void
}

/** Timeout of an export, also during shutdown. */
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

/**
 * Wraps the exporter to observe its results: it reports failures to a global error handler, and successes
 * only to the caller of export().
 */
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

/**
 * Returns the status or code of an export failure. Other messages of the exporter may contain the collector's
 * URL, and with it a password.
 */
function reasonOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  if (typeof code === 'number') return `status ${code}`
  if (typeof code === 'string' && /^[A-Z][A-Z\d_]{1,40}$/.test(code)) return code
  if (message === 'Request timed out') return 'request timed out'
  return message === 'Export failed with retryable status' ? 'retryable status' : 'unknown'
}
