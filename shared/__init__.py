"""The one package of models, rules and services under both deployables."""
