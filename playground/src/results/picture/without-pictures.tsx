// Renders a value by its table or card in place of its picture.

import { useMemo } from 'react'
import { ResultContext, useResultServices } from '../result-context.ts'
import { ValueView } from '../value-view.tsx'
import type { ViewProps } from '../view.ts'

export function WithoutPictures(props: ViewProps) {
  const services = useResultServices()
  const plain = useMemo(
    () => ({ ...services, views: services.views.filter(({ isPicture }) => !isPicture) }),
    [services],
  )
  return (
    <ResultContext value={plain}>
      <ValueView {...props} />
    </ResultContext>
  )
}
