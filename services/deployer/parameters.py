"""Where the eKYC API finds the model: two SSM parameters."""

from typing import TYPE_CHECKING

from runtime.errors import AwsError, trouble_from

if TYPE_CHECKING:
    from mypy_boto3_ssm.client import SSMClient


class ModelParameters:
    """Names the current model to whoever runs inference."""

    def __init__(self, ssm: "SSMClient", project_parameter: str, version_parameter: str) -> None:
        self._ssm = ssm
        self._project_parameter = project_parameter
        self._version_parameter = version_parameter

    def write(self, project_arn: str, version_arn: str) -> None:
        """Make this model the current one.

        Raises:
            Trouble: a parameter could not be written.
        """
        for name, value in ((self._project_parameter, project_arn), (self._version_parameter, version_arn)):
            try:
                self._ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)
            except AwsError as error:
                raise trouble_from(error, f"write the parameter {name}") from error
