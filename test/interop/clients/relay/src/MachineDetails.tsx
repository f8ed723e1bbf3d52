import { graphql, useLazyLoadQuery, useRefetchableFragment } from 'react-relay'
import type { MachineDetails_machine$key } from './__generated__/MachineDetails_machine.graphql.ts'
import type { MachineDetailsQuery } from './__generated__/MachineDetailsQuery.graphql.ts'
import type { MachineDetailsRefetchQuery } from './__generated__/MachineDetailsRefetchQuery.graphql.ts'
import { SnapshotButton } from './SnapshotButton.tsx'

export function MachineDetails({ id }: { id: string }) {
  const { node } = useLazyLoadQuery<MachineDetailsQuery>(
    graphql`
      query MachineDetailsQuery($id: ID!) {
        node(id: $id) {
          ...MachineDetails_machine @alias(as: "machine")
        }
      }
    `,
    { id },
  )
  return node?.machine && <Machine id={id} machine={node.machine} />
}

function Machine({ id, machine }: { id: string; machine: MachineDetails_machine$key }) {
  // The compiler writes the query that reads the object again: node(id).
  const [data, refetch] = useRefetchableFragment<MachineDetailsRefetchQuery, MachineDetails_machine$key>(
    graphql`
      fragment MachineDetails_machine on VirtualMachine @refetchable(queryName: "MachineDetailsRefetchQuery") {
        name
        annotation
        guest { hostName }
        tags { id name }
      }
    `,
    machine,
  )
  const { name, annotation, guest, tags } = data
  return (
    <section>
      <h2>{name}</h2>
      <p>{annotation}</p>
      <p>{guest?.hostName}</p>
      <ul>
        {tags?.map((tag) => (
          <li key={tag.id}>{tag.name}</li>
        ))}
      </ul>
      <button onClick={() => refetch({}, { fetchPolicy: 'network-only' })}>Refresh</button>
      <SnapshotButton key={id} id={id} />
    </section>
  )
}
