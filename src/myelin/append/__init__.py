"""The one write path: proposals in, one batch, one commit, then the state is published and readers wake."""
