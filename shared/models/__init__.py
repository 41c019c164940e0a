"""One file per noun: its columns, its constraints and the rules that need one row only."""

from shared.models.api_call import ApiCall, ApiCallDay, ApiRefusalMinute
from shared.models.audit import AuditEntry, AuditUnsealed
from shared.models.contract import Contract, ContractQuota
from shared.models.contract_key import ContractKey, ContractKeySecret
from shared.models.customer import Customer
from shared.models.environment import Environment
from shared.models.generation import Generation
from shared.models.generator import Generator
from shared.models.job import Job
from shared.models.license import License
from shared.models.product import Product
from shared.models.second_factor import RecoveryCode, SecondFactor
from shared.models.setting import Setting
from shared.models.staff import OneTimeLink, Staff, StaffSession
from shared.models.webhook import WebhookEndpoint, WebhookSecret

__all__ = [
    "ApiCall",
    "ApiCallDay",
    "ApiRefusalMinute",
    "AuditEntry",
    "AuditUnsealed",
    "Contract",
    "ContractKey",
    "ContractKeySecret",
    "ContractQuota",
    "Customer",
    "Environment",
    "Generation",
    "Generator",
    "Job",
    "License",
    "OneTimeLink",
    "Product",
    "RecoveryCode",
    "SecondFactor",
    "Setting",
    "Staff",
    "StaffSession",
    "WebhookEndpoint",
    "WebhookSecret",
]
