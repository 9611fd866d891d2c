'use strict';

const dark = window.matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();

/** Who may call an operation, by what the document says about it. */
function callers(operation) {
  const roles = operation.get('x-roles');
  if (roles) return roles.join(', ');
  const security = operation.get('security');
  if (!security || security.isEmpty()) return 'public';
  return security.some((scheme) => scheme.isEmpty()) ? 'public, or any user' : 'any user';
}

/** Whether all words occur in the method, path, summary or roles of an operation, or in its tag. */
function matches(tag, entry, words) {
  const operation = entry.get('operation');
  const text = [tag, entry.get('method'), entry.get('path'), operation.get('summary'), callers(operation)];
  return words.every((word) => text.join(' ').toLowerCase().includes(word));
}

/** A filter of operations in place of one of tags, and the roles beside each path. */
const overview = () => ({
  fn: {
    opsFilter: (tags, phrase) => {
      const words = phrase.toLowerCase().split(/\s+/);
      const matching = (group, tag) => group.update('operations', (all) => all.filter((one) => matches(tag, one, words)));
      return tags.map(matching).filterNot((group) => group.get('operations').isEmpty());
    },
  },
  wrapComponents: {
    FilterContainer: (_, { React }) => ({ layoutActions, layoutSelectors }) => {
      const phrase = layoutSelectors.currentFilter();
      const input = React.createElement('input', {
        type: 'search',
        className: 'operation-filter-input',
        placeholder: 'Filter by path, words or role',
        'aria-label': 'Filter',
        value: typeof phrase === 'string' && phrase !== 'true' ? phrase : '',
        onChange: (event) => layoutActions.updateFilter(event.target.value),
      });
      return React.createElement('div', { className: 'filter wrapper' }, input);
    },
    OperationSummaryPath: (Path, { React, specSelectors }) => (props) => {
      const operation = specSelectors.specJson().getIn(props.specPath);
      const roles = React.createElement('span', { className: 'callers' }, callers(operation));
      return React.createElement(React.Fragment, null, React.createElement(Path, props), roles);
    },
  },
});

window.SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#swagger-ui',
  // The badge would send the document's address to a host outside.
  validatorUrl: null,
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  filter: true,
  plugins: [overview],
  // A token is forgotten with the page.
  persistAuthorization: false,
});
