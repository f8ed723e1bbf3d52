// The minimal vCenter that transportContract needs.

import type { RequestListener } from 'node:http'
import { gzipSync } from 'node:zlib'

const answers: Readonly<Record<string, string>> = {
  'GET /sdk/vimServiceVersions.xml':
    '<namespaces version="1.0"><namespace><name>urn:vim25</name><version>8.0.2.0</version></namespace></namespaces>',
  'POST /sdk':
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>' +
    '<RetrieveServiceContentResponse xmlns="urn:vim25"><returnval/></RetrieveServiceContentResponse>' +
    '</soapenv:Body></soapenv:Envelope>',
}

export const vimListener: RequestListener = (request, response) => {
  const answer = answers[`${request.method} ${request.url}`]
  if (!answer) return void response.writeHead(404).end()
  response.writeHead(200, { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Encoding': 'gzip' })
  response.end(gzipSync(answer))
}
