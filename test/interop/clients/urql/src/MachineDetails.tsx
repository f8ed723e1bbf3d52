import { useQuery } from 'urql'
import { ErrorList } from './ErrorList.tsx'
import { errorsOf } from './errors.ts'
import { graphql } from './gql/index.ts'
import { SnapshotButton } from './SnapshotButton.tsx'

const MachineQuery = graphql(`
  query Machine($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on VirtualMachine {
        name
        annotation
        guest { hostName }
        tags { id name }
      }
    }
  }
`)

export function MachineDetails({ id }: { id: string }) {
  const [{ data, error }, refetch] = useQuery({ query: MachineQuery, variables: { id } })
  const machine = data?.node?.__typename === 'VirtualMachine' ? data.node : undefined
  return (
    <section>
      <ErrorList errors={errorsOf(error)} />
      <h2>{machine?.name}</h2>
      <p>{machine?.annotation}</p>
      <p>{machine?.guest?.hostName}</p>
      <ul>
        {machine?.tags?.map((tag) => (
          <li key={tag.id}>{tag.name}</li>
        ))}
      </ul>
      <button onClick={() => refetch({ requestPolicy: 'network-only' })}>Refresh</button>
      <SnapshotButton key={id} id={id} />
    </section>
  )
}
